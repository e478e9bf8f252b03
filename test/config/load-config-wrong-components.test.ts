import { testWrongConfigs, text, withSink, withSource } from './wrong-config.ts';

// Sources and sinks.
testWrongConfigs([
  {
    name: 'misspelt keys of a source, which are not missing, too',
    yaml: withSource(text`
      inculde: [/a]
      exlude: [/b]
    `),
    printed: text`
      app.yaml:4:5: Unknown key "inculde" (ERR_CONFIG_KEY)
        4 |     inculde: [/a]
          |     ^
        hint: Did you mean "include"?

      app.yaml:5:5: Unknown key "exlude" (ERR_CONFIG_KEY)
        5 |     exlude: [/b]
          |     ^
        hint: Did you mean "exclude"?
    `,
  },
  {
    name: 'a missing key',
    yaml: withSource(text`
      start_at: end
    `),
    printed: text`
      app.yaml:2:3: Missing key "include" (ERR_CONFIG_MISSING)
        2 |   app:
          |   ^
        hint: Add it, as in \`include: [/var/log/app/*.log]\`. Globs of the files to follow
    `,
  },
  {
    name: 'items of a list that are no text',
    yaml: withSource(text`
      include: [/a, 5, [/b]]
    `),
    printed: text`
      app.yaml:4:19: Cannot use 5 for item 2 of "include": expected text (ERR_CONFIG_TYPE)
        4 |     include: [/a, 5, [/b]]
          |                   ^
        hint: Put it in quotes: "5"

      app.yaml:4:22: Cannot use a list for item 3 of "include": expected text (ERR_CONFIG_TYPE)
        4 |     include: [/a, 5, [/b]]
          |                      ^
    `,
  },
  {
    name: 'a list that must not be empty',
    yaml: withSource(text`
      include: []
    `),
    printed: text`
      app.yaml:4:14: Cannot use an empty list for "include": expected at least one (ERR_CONFIG_VALUE)
        4 |     include: []
          |              ^
        hint: Write it as in \`include: [/var/log/app/*.log]\`
    `,
  },
  {
    name: 'a number where a list is expected',
    yaml: withSource(text`
      include: 5
    `),
    printed: text`
      app.yaml:4:14: Cannot use 5 for "include": expected a list of texts (ERR_CONFIG_TYPE)
        4 |     include: 5
          |              ^
        hint: Write it as in \`include: [/var/log/app/*.log]\`
    `,
  },
  {
    name: 'what the component itself refuses',
    yaml: withSource(text`
      include: [/a/*.log, /b/***]
    `),
    printed: text`
      app.yaml:4:25: Cannot use glob "/b/***" (ERR_CONFIG_GLOB)
        4 |     include: [/a/*.log, /b/***]
          |                         ^
    `,
  },
  {
    name: 'words and sizes that are wrong',
    yaml: withSource(text`
      include: /a
      start_at: begining
      max_record_size: 1TB
    `),
    printed: text`
      app.yaml:5:15: Cannot use "begining" for "start_at": expected one of beginning, end (ERR_CONFIG_VALUE)
        5 |     start_at: begining
          |               ^
        hint: Did you mean "beginning"?

      app.yaml:6:22: Cannot use "1TB" for "max_record_size": expected a size such as "1MiB" or "64KiB" (ERR_CONFIG_VALUE)
        6 |     max_record_size: 1TB
          |                      ^
    `,
  },
  {
    name: 'a size without a unit',
    yaml: withSource(text`
      include: /a
      max_record_size: 65536
    `),
    printed: text`
      app.yaml:5:22: Cannot use 65536 for "max_record_size": expected a size such as "1MiB" or "64KiB" (ERR_CONFIG_TYPE)
        5 |     max_record_size: 65536
          |                      ^
        hint: Add a unit, as in "65536B" or "65536MiB"
    `,
  },
  {
    name: 'a size above its maximum',
    yaml: withSource(text`
      include: /a
      max_record_size: 1GiB
    `),
    printed: text`
      app.yaml:5:22: Cannot use "1GiB" for "max_record_size": expected at most 16MiB (ERR_CONFIG_VALUE)
        5 |     max_record_size: 1GiB
          |                      ^
    `,
  },
  {
    name: 'a source without a type',
    yaml: text`
      sources:
        app: { include: [/a] }
      pipelines: { logs: { from: [app], to: [out] } }
      sinks: { out: { type: console } }
    `,
    printed: text`
      app.yaml:2:3: Missing key "type" (ERR_CONFIG_MISSING)
        2 |   app: { include: [/a] }
          |   ^
        hint: Add it, as in \`type: file\`. Known types of sources: file, stdin
    `,
  },
  {
    name: 'types that are no types',
    yaml: text`
      sources:
        app: { type: fil }
        web: { tpye: file }
        api: { type: 5 }
        job: { type: syslog }
      pipelines: { logs: { from: [app, web, api, job], to: [out] } }
      sinks: { out: { type: console } }
    `,
    printed: text`
      app.yaml:2:16: Unknown source type "fil" (ERR_CONFIG_VALUE)
        2 |   app: { type: fil }
          |                ^
        hint: Did you mean "file"?

      app.yaml:3:10: Unknown key "tpye" (ERR_CONFIG_KEY)
        3 |   web: { tpye: file }
          |          ^
        hint: Did you mean "type"?

      app.yaml:4:16: Cannot use 5 for "type": expected the type of a source (ERR_CONFIG_TYPE)
        4 |   api: { type: 5 }
          |                ^
        hint: Known types of sources: file, stdin

      app.yaml:5:16: Unknown source type "syslog" (ERR_CONFIG_VALUE)
        5 |   job: { type: syslog }
          |                ^
        hint: Known types of sources: file, stdin
    `,
  },
  {
    name: 'a sink among the sources',
    yaml: text`
      sources:
        app: { type: console }
      pipelines: { logs: { from: [app], to: [out] } }
      sinks: { out: { type: console } }
    `,
    printed: text`
      app.yaml:2:16: Unknown source type "console" (ERR_CONFIG_VALUE)
        2 |   app: { type: console }
          |                ^
        hint: "console" is a type of sinks: move it there
    `,
  },
  {
    name: 'sources that are nothing, or text',
    yaml: text`
      sources:
        app:
        web: file
      pipelines: { logs: { from: [app, web], to: [out] } }
      sinks: { out: { type: console } }
    `,
    printed: text`
      app.yaml:2:7: Cannot use nothing for "app": expected a map of options (ERR_CONFIG_TYPE)
        2 |   app:
          |       ^
        hint: Write it as in \`app: { type: file }\`

      app.yaml:3:8: Cannot use "file" for "web": expected a map of options (ERR_CONFIG_TYPE)
        3 |   web: file
          |        ^
        hint: Write it as in \`web: { type: file }\`
    `,
  },
  {
    name: 'a duration below its minimum, as it is written',
    yaml: withSink(text`
      timeout: 1ms
    `),
    printed: text`
      app.yaml:6:14: Cannot use "1ms" for "timeout": expected at least 100ms (ERR_CONFIG_VALUE)
        6 |     timeout: 1ms
          |              ^
    `,
  },
  {
    name: 'a number in quotes',
    yaml: withSink(text`
      max_in_flight: "5"
    `),
    printed: text`
      app.yaml:6:20: Cannot use "5" for "max_in_flight": expected a whole number (ERR_CONFIG_TYPE)
        6 |     max_in_flight: "5"
          |                    ^
        hint: Write it without quotes: 5
    `,
  },
  {
    name: 'a number above its maximum',
    yaml: withSink(text`
      max_in_flight: 1000
    `),
    printed: text`
      app.yaml:6:20: Cannot use 1000 for "max_in_flight": expected at most 64 (ERR_CONFIG_VALUE)
        6 |     max_in_flight: 1000
          |                    ^
    `,
  },
  {
    name: 'a word in place of a flag',
    yaml: text`
      sources: { app: { type: stdin } }
      pipelines: { logs: { from: [app], to: [out] } }
      sinks:
        out: { type: console, colour: yes }
    `,
    printed: text`
      app.yaml:4:33: Cannot use "yes" for "colour": expected true or false (ERR_CONFIG_TYPE)
        4 |   out: { type: console, colour: yes }
          |                                 ^
    `,
  },
  {
    name: 'options inside options',
    yaml: withSink(text`
      tls: { caFile: /tls/ca.crt }
      headers: { x-scope: 1, x-list: [a] }
    `),
    printed: text`
      app.yaml:6:12: Unknown key "caFile" (ERR_CONFIG_KEY)
        6 |     tls: { caFile: /tls/ca.crt }
          |            ^
        hint: Did you mean "ca_file"?

      app.yaml:7:25: Cannot use 1 for "x-scope": expected text (ERR_CONFIG_TYPE)
        7 |     headers: { x-scope: 1, x-list: [a] }
          |                         ^
        hint: Put it in quotes: "1"

      app.yaml:7:36: Cannot use a list for "x-list": expected text (ERR_CONFIG_TYPE)
        7 |     headers: { x-scope: 1, x-list: [a] }
          |                                    ^
    `,
  },
]);
