import { testWrongConfigs, text, withTop } from './wrong-config.ts';

/** Turns the direction of the text that follows. */
const RLO = '\u202e';

// The top of a configuration, and what concerns all of it.
testWrongConfigs([
  {
    name: 'a file without its sections',
    yaml: text`
      log_level: debug
    `,
    printed: text`
      app.yaml:1:1: Missing key "sources" (ERR_CONFIG_MISSING)
        1 | log_level: debug
          | ^
        hint: Add it, as in \`sources: { app: { type: file, include: [/var/log/app/*.log] } }\`. Where records come from

      app.yaml:1:1: Missing key "pipelines" (ERR_CONFIG_MISSING)
        1 | log_level: debug
          | ^
        hint: Add it, as in \`pipelines: { logs: { from: [app], stages: [json], to: [backend] } }\`. Ways from sources through stages to sinks

      app.yaml:1:1: Missing key "sinks" (ERR_CONFIG_MISSING)
        1 | log_level: debug
          | ^
        hint: Add it, as in \`sinks: { backend: { type: otlp, endpoint: "http://localhost:4318" } }\`. Where records go
    `,
  },
  {
    name: 'sections that hold nothing',
    yaml: text`
      sources: {}
      pipelines:
      sinks: []
    `,
    printed: text`
      app.yaml:1:10: Cannot use an empty map for "sources": expected at least one source (ERR_CONFIG_VALUE)
        1 | sources: {}
          |          ^
        hint: Write it as in \`sources: { app: { type: file, include: [/var/log/app/*.log] } }\`

      app.yaml:2:11: Cannot use nothing for "pipelines": expected a map of names and pipelines (ERR_CONFIG_TYPE)
        2 | pipelines:
          |           ^
        hint: Write it as in \`pipelines: { logs: { from: [app], stages: [json], to: [backend] } }\`

      app.yaml:3:8: Cannot use an empty list for "sinks": expected a map of names and sinks (ERR_CONFIG_TYPE)
        3 | sinks: []
          |        ^
        hint: Write it as in \`sinks: { backend: { type: otlp, endpoint: "http://localhost:4318" } }\`
    `,
  },
  {
    name: 'unknown keys at the top, each of them',
    yaml: withTop(text`
      stat: /a
      telemetry: { listen: 127.0.0.1:9595 }
    `),
    printed: text`
      app.yaml:1:1: Unknown key "stat" (ERR_CONFIG_KEY)
        1 | stat: /a
          | ^
        hint: Did you mean "state"?

      app.yaml:2:1: Unknown key "telemetry" (ERR_CONFIG_KEY)
        2 | telemetry: { listen: 127.0.0.1:9595 }
          | ^
        hint: Known keys: state, resource, pod_info, sources, pipelines, sinks, admin, health, reload, workers, termination_message, exit_when, drain_timeout, linger, log_level
    `,
  },
  {
    name: 'an admin address that others could reach',
    yaml: withTop(text`
      admin: { listen: 0.0.0.0:9595 }
    `),
    printed: text`
      app.yaml:1:18: Cannot use "0.0.0.0:9595" for "listen": expected a loopback address and a port, such as 127.0.0.1:9595 (ERR_CONFIG_VALUE)
        1 | admin: { listen: 0.0.0.0:9595 }
          |                  ^
    `,
  },
  {
    name: 'two addresses of the agent with one port',
    yaml: withTop(text`
      admin: {}
      health: { listen: ":9595" }
    `),
    printed: text`
      app.yaml:2:19: Cannot listen twice on port 9595: "admin.listen" has it (ERR_CONFIG_VALUE)
        2 | health: { listen: ":9595" }
          |                   ^
        hint: Give "health" another port, or leave "admin" or "health" out: the admin address answers the probes, too
    `,
  },
  {
    name: 'a way to end that is none',
    yaml: withTop(text`
      exit_when: { process_wait: 10s }
    `),
    printed: text`
      app.yaml:1:12: Nothing in "exit_when" ends the agent (ERR_CONFIG_MISSING)
        1 | exit_when: { process_wait: 10s }
          |            ^
        hint: Name one of "file", "idle" and "process_gone", or leave it out

      app.yaml:1:28: Cannot use "process_wait" without "process_gone" (ERR_CONFIG_VALUE)
        1 | exit_when: { process_wait: 10s }
          |                            ^
        hint: Name the process in "process_gone"
    `,
  },
  {
    name: 'wrong values at the top, each of them',
    yaml: withTop(text`
      state: ""
      resource: [a]
      drain_timeout: 5
      log_level: warning
    `),
    printed: text`
      app.yaml:1:8: Cannot use "" for "state": expected text that is not empty (ERR_CONFIG_VALUE)
        1 | state: ""
          |        ^
        hint: Write it as in \`state: /var/lib/pillion\`

      app.yaml:2:11: Cannot use a list for "resource": expected a map of names and values (ERR_CONFIG_TYPE)
        2 | resource: [a]
          |           ^
        hint: Write it as in \`resource: { service.name: checkout }\`

      app.yaml:3:16: Cannot use 5 for "drain_timeout": expected a duration such as "5s" or "250ms" (ERR_CONFIG_TYPE)
        3 | drain_timeout: 5
          |                ^
        hint: Add a unit, as in "5s" or "5ms"

      app.yaml:4:12: Cannot use "warning" for "log_level": expected one of debug, info, warn, error (ERR_CONFIG_VALUE)
        4 | log_level: warning
          |            ^
    `,
  },
  {
    name: 'a resource of nested maps',
    yaml: withTop(text`
      resource: { service: { name: checkout } }
    `),
    printed: text`
      app.yaml:1:22: Cannot use a map for "service": expected text, a number, true or false; nested names are joined with dots (ERR_CONFIG_TYPE)
        1 | resource: { service: { name: checkout } }
          |                      ^
    `,
  },
  {
    name: 'a number that would not stay exact',
    yaml: withTop(text`
      resource: { account: 12345678901234567890, ratio: .inf }
    `),
    printed: text`
      app.yaml:1:22: Cannot keep 12345678901234567890 exactly as a number (ERR_CONFIG_VALUE)
        1 | resource: { account: 12345678901234567890, ratio: .inf }
          |                      ^
        hint: Put it in quotes to keep it as text: "12345678901234567890"

      app.yaml:1:51: Cannot keep .inf exactly as a number (ERR_CONFIG_VALUE)
        1 | resource: { account: 12345678901234567890, ratio: .inf }
          |                                                   ^
        hint: Put it in quotes to keep it as text: ".inf"
    `,
  },
  {
    name: 'names that cannot be labels',
    yaml: text`
      sources:
        my app: { type: stdin }
      pipelines: { "": { from: my app, to: [out] } }
      sinks: { out: { type: console } }
    `,
    printed: text`
      app.yaml:2:3: Cannot use "my app" as a name (ERR_CONFIG_VALUE)
        2 |   my app: { type: stdin }
          |   ^
        hint: Use at most 64 letters, digits, "_", "-" and ".", and begin with a letter, a digit or "_"

      app.yaml:3:14: Cannot use "" as a name (ERR_CONFIG_VALUE)
        3 | pipelines: { "": { from: my app, to: [out] } }
          |              ^
        hint: Use at most 64 letters, digits, "_", "-" and ".", and begin with a letter, a digit or "_"
    `,
  },
  {
    name: 'escapes and turned directions, which are not printed raw',
    yaml: withTop(text`
      resource: { "a${RLO}b": [x] }
      "st\e[2Jate": x
    `),
    printed: text`
      app.yaml:1:20: Cannot use a list for "a\u202eb": expected text, a number, true or false; nested names are joined with dots (ERR_CONFIG_TYPE)
        1 | resource: { "a\u202eb": [x] }
          |                         ^

      app.yaml:2:1: Unknown key "st\u001b[2Jate" (ERR_CONFIG_KEY)
        2 | "st\e[2Jate": x
          | ^
        hint: Known keys: state, resource, pod_info, sources, pipelines, sinks, admin, health, reload, workers, termination_message, exit_when, drain_timeout, linger, log_level
    `,
  },
  {
    name: 'errors in every section, in the order of the file',
    yaml: text`
      sinks:
        out: { type: consol }
      pipelines:
        logs: { from: [application], to: [out], stages: [jsom] }
      sources:
        app: { type: file, include: 5 }
      log_level: 1
    `,
    printed: text`
      app.yaml:2:16: Unknown sink type "consol" (ERR_CONFIG_VALUE)
        2 |   out: { type: consol }
          |                ^
        hint: Did you mean "console"?

      app.yaml:4:18: No source is named "application" (ERR_CONFIG_REFERENCE)
        4 |   logs: { from: [application], to: [out], stages: [jsom] }
          |                  ^
        hint: Known sources: app

      app.yaml:4:52: Unknown stage "jsom" (ERR_CONFIG_VALUE)
        4 |   logs: { from: [application], to: [out], stages: [jsom] }
          |                                                    ^
        hint: Did you mean "json"?

      app.yaml:6:31: Cannot use 5 for "include": expected a list of texts (ERR_CONFIG_TYPE)
        6 |   app: { type: file, include: 5 }
          |                               ^
        hint: Write it as in \`include: [/var/log/app/*.log]\`

      app.yaml:7:12: Cannot use 1 for "log_level": expected one of debug, info, warn, error (ERR_CONFIG_TYPE)
        7 | log_level: 1
          |            ^
    `,
  },
  {
    name: 'a misspelt section, without what it would have defined',
    yaml: text`
      sourcs: { app: { type: stdin } }
      pipelines: { logs: { from: [app], to: [out] } }
      sinks: { out: { type: console } }
    `,
    printed: text`
      app.yaml:1:1: Unknown key "sourcs" (ERR_CONFIG_KEY)
        1 | sourcs: { app: { type: stdin } }
          | ^
        hint: Did you mean "sources"?
    `,
  },
]);
