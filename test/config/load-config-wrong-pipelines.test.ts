import { testWrongConfigs, text, withStages } from './wrong-config.ts';

// Pipelines and stages.
testWrongConfigs([
  {
    name: 'references to nothing',
    yaml: text`
      sources: { app: { type: stdin } }
      sinks: { out: { type: console } }
      pipelines:
        logs: { from: [ap, out], to: [backend] }
        more: { from: ap, to: [out] }
    `,
    printed: text`
      app.yaml:4:18: No source is named "ap" (ERR_CONFIG_REFERENCE)
        4 |   logs: { from: [ap, out], to: [backend] }
          |                  ^
        hint: Did you mean "app"?

      app.yaml:4:22: No source is named "out" (ERR_CONFIG_REFERENCE)
        4 |   logs: { from: [ap, out], to: [backend] }
          |                      ^
        hint: "out" is one of the sinks

      app.yaml:4:33: No sink is named "backend" (ERR_CONFIG_REFERENCE)
        4 |   logs: { from: [ap, out], to: [backend] }
          |                                 ^
        hint: Known sinks: out

      app.yaml:5:17: No source is named "ap" (ERR_CONFIG_REFERENCE)
        5 |   more: { from: ap, to: [out] }
          |                 ^
        hint: Did you mean "app"?
    `,
  },
  {
    name: 'references given twice',
    yaml: text`
      sources: { app: { type: stdin } }
      sinks: { out: { type: console } }
      pipelines:
        logs: { from: [app, app], to: [out] }
    `,
    printed: text`
      app.yaml:4:23: Cannot name source "app" twice (ERR_CONFIG_VALUE)
        4 |   logs: { from: [app, app], to: [out] }
          |                       ^
        hint: Remove one of the two
    `,
  },
  {
    name: 'a pipeline without ends',
    yaml: text`
      sources: { app: { type: stdin } }
      sinks: { out: { type: console } }
      pipelines:
        logs: { from: [], too: [out] }
        metrics:
    `,
    printed: text`
      app.yaml:4:17: Cannot use an empty list for "from": expected at least one (ERR_CONFIG_VALUE)
        4 |   logs: { from: [], too: [out] }
          |                 ^
        hint: Write it as in \`from: [app]\`

      app.yaml:4:21: Unknown key "too" (ERR_CONFIG_KEY)
        4 |   logs: { from: [], too: [out] }
          |                     ^
        hint: Did you mean "to"?

      app.yaml:5:11: Cannot use nothing for "metrics": expected a map of options (ERR_CONFIG_TYPE)
        5 |   metrics:
          |           ^
    `,
  },
  {
    name: 'stages that are no list',
    yaml: text`
      sources: { app: { type: stdin } }
      sinks: { out: { type: console } }
      pipelines:
        logs: { from: [app], to: [out], stages: json }
    `,
    printed: text`
      app.yaml:4:43: Cannot use "json" for "stages": expected a list of stages (ERR_CONFIG_TYPE)
        4 |   logs: { from: [app], to: [out], stages: json }
          |                                           ^
        hint: Write it as in \`stages: [json]\`
    `,
  },
  {
    name: 'stages that are not known',
    yaml: withStages(text`
      - jsn
      - grok: { pattern: x }
      - ./mask.ts
    `),
    printed: text`
      app.yaml:8:9: Unknown stage "jsn" (ERR_CONFIG_VALUE)
        8 |       - jsn
          |         ^
        hint: Did you mean "json"?

      app.yaml:9:9: Unknown stage "grok" (ERR_CONFIG_VALUE)
        9 |       - grok: { pattern: x }
          |         ^
        hint: Known stages: json, timestamp, remove

      app.yaml:10:9: Unknown stage "./mask.ts" (ERR_CONFIG_VALUE)
        10 |       - ./mask.ts
           |         ^
        hint: A stage of your own is written as \`use: ./mask.ts\`
    `,
  },
  {
    name: 'a stage whose options are not indented',
    yaml: withStages(text`
      - timestamp:
        field: time
    `),
    printed: text`
      app.yaml:8:9: Cannot use 2 keys as one stage (ERR_CONFIG_TYPE)
        8 |       - timestamp:
          |         ^
        hint: Indent the options of "timestamp" deeper than its name
    `,
  },
  {
    name: 'what stands beside a stage and is wrong',
    yaml: withStages(text`
      - json:
        on_eror: drop
      - json:
        on_error: dropp
        if: sevrity > INFO
      - json:
        if: severity + 1
      - use: ./stages/mask.ts
        if: attributes.a >
      - timestmp:
        if: 5
    `),
    printed: text`
      app.yaml:8:9: Cannot use 2 keys as one stage (ERR_CONFIG_TYPE)
        8 |       - json:
          |         ^
        hint: Did you mean "on_error"?

      app.yaml:11:19: Cannot use "dropp" for "on_error": expected one of forward, ignore, drop, dead_letter (ERR_CONFIG_VALUE)
        11 |         on_error: dropp
           |                   ^
        hint: Did you mean "drop"?

      app.yaml:12:13: Cannot use condition "sevrity > INFO": there is no "sevrity" (character 1) (ERR_CONFIG_VALUE)
        12 |         if: sevrity > INFO
           |             ^
        hint: Did you mean "severity"?

      app.yaml:14:13: Cannot use condition "severity + 1": it gives int, not true or false (ERR_CONFIG_VALUE)
        14 |         if: severity + 1
           |             ^
        hint: Compare it with something

      app.yaml:16:13: Cannot use condition "attributes.a >": Unexpected token: EOF (character 15) (ERR_CONFIG_VALUE)
        16 |         if: attributes.a >
           |             ^
        hint: Something is missing at its end

      app.yaml:17:9: Unknown stage "timestmp" (ERR_CONFIG_VALUE)
        17 |       - timestmp:
           |         ^
        hint: Did you mean "timestamp"?

      app.yaml:18:13: Cannot use 5 for "if": expected text (ERR_CONFIG_TYPE)
        18 |         if: 5
           |             ^
        hint: Put it in quotes: "5"
    `,
  },
  {
    name: 'two stages in one item',
    yaml: withStages(text`
      - json:
        timestamp: { field: time }
    `),
    printed: text`
      app.yaml:8:9: Cannot use 2 keys as one stage (ERR_CONFIG_TYPE)
        8 |       - json:
          |         ^
        hint: Begin each stage with "- ", also "timestamp"
    `,
  },
  {
    name: 'items that are no stages',
    yaml: withStages(text`
      - 5
      -
      - {}
      - [json]
    `),
    printed: text`
      app.yaml:8:9: Cannot use 5 as a stage: expected its name, or a map with its name and options (ERR_CONFIG_TYPE)
        8 |       - 5
          |         ^
        hint: Write it as in \`- json\` or \`- timestamp: { field: time }\`

      app.yaml:9:8: Cannot use nothing as a stage: expected its name, or a map with its name and options (ERR_CONFIG_TYPE)
        9 |       -
          |        ^
        hint: Write it as in \`- json\` or \`- timestamp: { field: time }\`

      app.yaml:10:9: Cannot use an empty map as a stage: expected its name, or a map with its name and options (ERR_CONFIG_TYPE)
        10 |       - {}
           |         ^
        hint: Write it as in \`- json\` or \`- timestamp: { field: time }\`

      app.yaml:11:9: Cannot use a list as a stage: expected its name, or a map with its name and options (ERR_CONFIG_TYPE)
        11 |       - [json]
           |         ^
        hint: Write it as in \`- json\` or \`- timestamp: { field: time }\`
    `,
  },
  {
    name: 'stages without the options that they need',
    yaml: withStages(text`
      - timestamp
      - timestamp:
      - remove
    `),
    printed: text`
      app.yaml:8:9: Missing key "field" (ERR_CONFIG_MISSING)
        8 |       - timestamp
          |         ^
        hint: Add it, as in \`field: time\`. The attribute that holds the time

      app.yaml:9:9: Missing key "field" (ERR_CONFIG_MISSING)
        9 |       - timestamp:
          |         ^
        hint: Add it, as in \`field: time\`. The attribute that holds the time

      app.yaml:10:9: Cannot use nothing for "remove": expected a list of attributes (ERR_CONFIG_TYPE)
        10 |       - remove
           |         ^
        hint: Write it as in \`remove: [password]\`
    `,
  },
  {
    name: 'stages with wrong options',
    yaml: withStages(text`
      - timestamp: { feild: time, keep: 1 }
      - json: [a]
      - remove: { a: b }
      - remove: [a, 5]
    `),
    printed: text`
      app.yaml:8:22: Unknown key "feild" (ERR_CONFIG_KEY)
        8 |       - timestamp: { feild: time, keep: 1 }
          |                      ^
        hint: Did you mean "field"?

      app.yaml:8:41: Cannot use 1 for "keep": expected true or false (ERR_CONFIG_TYPE)
        8 |       - timestamp: { feild: time, keep: 1 }
          |                                         ^

      app.yaml:9:15: Cannot use a list for "json": expected a map of options (ERR_CONFIG_TYPE)
        9 |       - json: [a]
          |               ^

      app.yaml:10:17: Cannot use a map for "remove": expected a list of attributes (ERR_CONFIG_TYPE)
        10 |       - remove: { a: b }
           |                 ^
        hint: Write it as in \`remove: [password]\`

      app.yaml:11:21: Cannot use 5 for item 2 of "remove": expected text (ERR_CONFIG_TYPE)
        11 |       - remove: [a, 5]
           |                     ^
        hint: Put it in quotes: "5"
    `,
  },
  {
    name: 'stages in the place of which nothing can be used',
    yaml: withStages(text`
      - use: nginx
      - use: json
      - use: mask.ts
      - { use: ./mask.ts, option: {} }
      - use: ./missing.ts
      - use: ./broken.ts
      - use: [a]
    `),
    printed: text`
      app.yaml:8:14: No ready-made pipeline is named "nginx" (ERR_CONFIG_REFERENCE)
        8 |       - use: nginx
          |              ^
        hint: Known ready-made pipelines: java-app, web, wrong, auto

      app.yaml:9:14: No ready-made pipeline is named "json" (ERR_CONFIG_REFERENCE)
        9 |       - use: json
          |              ^
        hint: It is a built-in stage: write \`- json\`

      app.yaml:10:14: No ready-made pipeline is named "mask.ts" (ERR_CONFIG_REFERENCE)
        10 |       - use: mask.ts
           |              ^
        hint: Did you mean "./mask.ts"?

      app.yaml:11:27: Unknown key "option" (ERR_CONFIG_KEY)
        11 |       - { use: ./mask.ts, option: {} }
           |                           ^
        hint: Did you mean "options"?

      app.yaml:12:14: Cannot find the stage "missing.ts" (ERR_CONFIG_STAGE)
        12 |       - use: ./missing.ts
           |              ^
        hint: Check the path: it is relative to the configuration file

      app.yaml:13:14: Cannot load the stage "./broken.ts": Unexpected token (ERR_CONFIG_STAGE)
        13 |       - use: ./broken.ts
           |              ^

      app.yaml:14:14: Cannot use a list for "use": expected text (ERR_CONFIG_TYPE)
        14 |       - use: [a]
           |              ^
        hint: Write it as in \`use: ./stages/mask-account.ts\`
    `,
  },
  {
    name: 'wrong options of an own stage',
    yaml: withStages(text`
      - use: ./mask.ts
        options: { keep: 4, feild: x }
    `),
    printed: text`
      app.yaml:9:29: Unknown key "feild" (ERR_CONFIG_KEY)
        9 |         options: { keep: 4, feild: x }
          |                             ^
        hint: Known keys: keep
    `,
  },
]);
