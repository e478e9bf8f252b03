import { testWrongConfigs, text, withSink, withSource, withTop } from './wrong-config.ts';

const ESC = '\u001b';

// YAML that a configuration does not take.
testWrongConfigs([
  {
    name: 'a second document',
    yaml: text`
      sources: { app: { type: file, include: [/var/log/app/*.log] } }
      pipelines: { logs: { from: [app], to: [out] } }
      sinks: { out: { type: console } }
      ---
      state: /x
    `,
    printed: text`
      app.yaml:4:1: Second document in the file (ERR_CONFIG_SYNTAX)
        4 | ---
          | ^
        hint: Remove the line "---": a configuration is one document
    `,
  },
  {
    name: 'YAML 1.1',
    yaml: text`
      %YAML 1.1
      ---
      sources: { app: { type: file, include: [/var/log/app/*.log] } }
      pipelines: { logs: { from: [app], to: [out] } }
      sinks: { out: { type: console } }
    `,
    printed: text`
      app.yaml:1:1: Cannot read YAML 1.1 (ERR_CONFIG_SYNTAX)
        1 | %YAML 1.1
          | ^
        hint: Remove the line "%YAML": a configuration is YAML 1.2
    `,
  },
  {
    name: 'a glob that is taken for an alias',
    yaml: withSource(text`
      include: *.log
    `),
    printed: text`
      app.yaml:4:14: Unknown alias "*.log" (ERR_CONFIG_SYNTAX)
        4 |     include: *.log
          |              ^
        hint: Put it in quotes: "*.log". A bare * begins a YAML alias
    `,
  },
  {
    name: 'an alias that is not defined',
    yaml: withSink(text`
      tls: *common
    `),
    printed: text`
      app.yaml:6:10: Unknown alias "*common" (ERR_CONFIG_SYNTAX)
        6 |     tls: *common
          |          ^
        hint: Define it above, as in \`&common value\`, or put the value in quotes: "*common"
    `,
  },
  {
    name: 'an alias inside its own value',
    yaml: text`
      sources: { app: { type: stdin } }
      sinks: { out: { type: console } }
      pipelines: &p
        logs: { from: [app], to: [out], stages: *p }
    `,
    printed: text`
      app.yaml:4:43: Alias "*p" contains itself (ERR_CONFIG_SYNTAX)
        4 |   logs: { from: [app], to: [out], stages: *p }
          |                                           ^
        hint: An alias cannot stand inside the value that it repeats
    `,
  },
  {
    name: 'a tag',
    yaml: text`
      sources: !include sources.yaml
      pipelines: { logs: { from: [app], to: [out] } }
      sinks: { out: { type: console } }
    `,
    printed: text`
      app.yaml:1:10: Unknown tag "!include" (ERR_CONFIG_SYNTAX)
        1 | sources: !include sources.yaml
          |          ^
        hint: Put a value that begins with "!" in quotes
    `,
  },
  {
    name: 'a key that is a list',
    yaml: text`
      [sources, sinks]: {}
    `,
    printed: text`
      app.yaml:1:1: Key is a list, a map or an alias (ERR_CONFIG_SYNTAX)
        1 | [sources, sinks]: {}
          | ^
        hint: Put a value that begins with "{" or "[" in quotes
    `,
  },
  {
    name: 'a control character',
    yaml: text`
      state: "${ESC}[2J"
    `,
    printed: text`
      app.yaml:1:9: Control character U+001B (ERR_CONFIG_SYNTAX)
        1 | state: "\u001b[2J"
          |         ^
        hint: Remove it; in a text in double quotes it can be written as an escape, such as "\e"
    `,
  },
  {
    name: 'a NUL as an escape',
    yaml: withTop(text`
      state: "a\0b"
    `),
    printed: text`
      app.yaml:1:8: Text holds a NUL character (ERR_CONFIG_VALUE)
        1 | state: "a\0b"
          |        ^
        hint: Remove the "\0"
    `,
  },
  {
    name: 'brackets without end',
    yaml: text`
      sources: ${'['.repeat(5000)}
    `,
    printed: text`
      app.yaml:1:1: Nested deeper than 32 levels (ERR_CONFIG_SYNTAX)
        1 | sources: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[…
          | ^
        hint: Look for a bracket that is not closed
    `,
  },
  {
    name: 'a value that is nested too deep',
    yaml: withTop(text`
      state: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]
    `),
    printed: text`
      app.yaml:1:8: Cannot use a list for "state": expected text (ERR_CONFIG_TYPE)
        1 | state: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]
          |        ^
        hint: Write it as in \`state: /var/lib/pillion\`

      app.yaml:1:40: Nested deeper than 32 levels (ERR_CONFIG_SYNTAX)
        1 | state: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]
          |                                        ^
        hint: Look for a bracket that is not closed
    `,
  },
  {
    name: 'a key given twice',
    yaml: withTop(text`
      state: /a
      state: /b
    `),
    printed: text`
      app.yaml:2:1: Key "state" is given twice (ERR_CONFIG_SYNTAX)
        2 | state: /b
          | ^
        hint: The first one is in line 1
    `,
  },
  {
    name: 'a merge key, without what it would have merged',
    yaml: text`
      sources:
        app: &app { type: file, include: [/a] }
        web: { <<: *app, exclude: [/b] }
      pipelines: { logs: { from: [app], to: [out] } }
      sinks: { out: { type: console } }
    `,
    printed: text`
      app.yaml:3:10: Cannot merge maps with "<<" (ERR_CONFIG_KEY)
        3 |   web: { <<: *app, exclude: [/b] }
          |          ^
        hint: Write the keys out, or let an alias stand for a whole value, as in \`tls: *common\`
    `,
  },
  {
    name: 'keys that objects cannot hold',
    yaml: withTop(text`
      resource: { __proto__: x, constructor: y }
    `),
    printed: text`
      app.yaml:1:13: Cannot use "__proto__" as a key (ERR_CONFIG_KEY)
        1 | resource: { __proto__: x, constructor: y }
          |             ^
        hint: Choose another name

      app.yaml:1:27: Cannot use "constructor" as a key (ERR_CONFIG_KEY)
        1 | resource: { __proto__: x, constructor: y }
          |                           ^
        hint: Choose another name
    `,
  },
]);
