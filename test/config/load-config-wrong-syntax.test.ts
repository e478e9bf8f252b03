import { testWrongConfigs, text } from './wrong-config.ts';

const TAB = '\t';

// What is no YAML.
testWrongConfigs([
  {
    name: 'an empty file',
    yaml: '',
    printed: text`
      app.yaml:1:1: Configuration is empty (ERR_CONFIG_EMPTY)
        hint: It needs at least "sources", "pipelines" and "sinks"; "pillion run --include <glob>" needs no file
    `,
  },
  {
    name: 'a file of comments',
    yaml: text`
      # nothing yet
      ---
    `,
    printed: text`
      app.yaml:1:1: Configuration is empty (ERR_CONFIG_EMPTY)
        1 | # nothing yet
          | ^
        hint: It needs at least "sources", "pipelines" and "sinks"; "pillion run --include <glob>" needs no file
    `,
  },
  {
    name: 'a list at the top',
    yaml: text`
      - sources
    `,
    printed: text`
      app.yaml:1:1: Cannot use a list as a configuration (ERR_CONFIG_TYPE)
        1 | - sources
          | ^
        hint: Write a map with the keys "sources", "pipelines" and "sinks"
    `,
  },
  {
    name: 'one word',
    yaml: text`
      sources
    `,
    printed: text`
      app.yaml:1:1: Cannot use one value as a configuration (ERR_CONFIG_TYPE)
        1 | sources
          | ^
        hint: Write a map with the keys "sources", "pipelines" and "sinks"
    `,
  },
  {
    name: 'tabs as indentation, each of them',
    yaml: text`
      sources:
      ${TAB}app:
      ${TAB}${TAB}type: file
    `,
    printed: text`
      app.yaml:2:1: Tab used as indentation (ERR_CONFIG_SYNTAX)
        2 | \tapp:
          | ^
        hint: Indent with spaces: YAML allows no tabs there

      app.yaml:3:1: Tab used as indentation (ERR_CONFIG_SYNTAX)
        3 | \t\ttype: file
          | ^
        hint: Indent with spaces: YAML allows no tabs there
    `,
  },
  {
    name: 'a list that is not closed, where it opens',
    yaml: text`
      sources:
        app: { type: file, include: [/a, /b }
      sinks:
        out: { type: console }
    `,
    printed: text`
      app.yaml:2:31: List "[" is not closed (ERR_CONFIG_SYNTAX)
        2 |   app: { type: file, include: [/a, /b }
          |                               ^
        hint: Close it with "]"
    `,
  },
  {
    name: 'a quote that is not closed, where it opens',
    yaml: text`
      sources:
        app:
          include: "/var/log/*.log
          type: file
    `,
    printed: text`
      app.yaml:3:14: Quote is not closed (ERR_CONFIG_SYNTAX)
        3 |     include: "/var/log/*.log
          |              ^
        hint: Close it, or put the whole value in the other kind of quotes
    `,
  },
  {
    name: 'text after a quoted value',
    yaml: text`
      state: 'it's here'
    `,
    printed: text`
      app.yaml:1:12: Text after the end of a value (ERR_CONFIG_SYNTAX)
        1 | state: 'it's here'
          |            ^
        hint: Put the whole value in quotes; inside single quotes, '' stands for '
    `,
  },
  {
    name: 'a colon without a space',
    yaml: text`
      sources:
        app:
          type:file
          include: /a
    `,
    printed: text`
      app.yaml:3:5: Key goes over more than one line (ERR_CONFIG_SYNTAX)
        3 |     type:file
          |     ^
        hint: Put a space after the colon: \`type: file\`
    `,
  },
  {
    name: 'a second colon in a line',
    yaml: text`
      state: note: it is here
    `,
    printed: text`
      app.yaml:1:8: Second ": " in one line (ERR_CONFIG_SYNTAX)
        1 | state: note: it is here
          |        ^
        hint: Put a value that holds ": " in quotes
    `,
  },
  {
    name: 'a key without a colon',
    yaml: text`
      sources:
        app:
          type: file
          include
    `,
    printed: text`
      app.yaml:4:5: Key without a value (ERR_CONFIG_SYNTAX)
        4 |     include
          |     ^
        hint: Write \`key: value\`, or \`- value\` for an item of a list
    `,
  },
  {
    name: 'a line that is indented wrongly',
    yaml: text`
      sources:
        app:
          type: file
         include: /a
    `,
    printed: text`
      app.yaml:4:1: Line is indented differently from its neighbours (ERR_CONFIG_SYNTAX)
        4 |    include: /a
          | ^
        hint: The keys of a map, and the items of a list, all start in the same column
    `,
  },
  {
    name: 'values that begin with reserved characters, each of them',
    yaml: text`
      state: @home
      log_level: \`info\`
    `,
    printed: text`
      app.yaml:1:8: Value begins with "@" (ERR_CONFIG_SYNTAX)
        1 | state: @home
          |        ^
        hint: Put it in quotes: "@home"

      app.yaml:2:12: Value begins with "\`" (ERR_CONFIG_SYNTAX)
        2 | log_level: \`info\`
          |            ^
        hint: Put it in quotes: "\`info\`"
    `,
  },
  {
    name: 'a backslash in double quotes',
    yaml: text`
      state: "C:\data"
    `,
    printed: text`
      app.yaml:1:11: Unknown escape "\d" in double quotes (ERR_CONFIG_SYNTAX)
        1 | state: "C:\data"
          |           ^
        hint: Use single quotes: in them a backslash is only a backslash
    `,
  },
  {
    name: 'a template that is not filled in',
    yaml: text`
      sources: {{ .Values.sources }}
      pipelines: { logs: { from: [app], to: [out] } }
      sinks: { out: { type: console } }
    `,
    printed: text`
      app.yaml:1:11: Template "{{" is not filled in (ERR_CONFIG_SYNTAX)
        1 | sources: {{ .Values.sources }}
          |           ^
        hint: Render it first, or put the value in quotes
    `,
  },
  {
    name: 'a variable without quotes in a flow map',
    yaml: text`
      sinks: { out: { type: otlp, endpoint: \${BACKEND}, timeout: 5s } }
    `,
    printed: text`
      app.yaml:1:40: Variable without quotes inside { } or [ ] (ERR_CONFIG_SYNTAX)
        1 | sinks: { out: { type: otlp, endpoint: \${BACKEND}, timeout: 5s } }
          |                                        ^
        hint: Put it in quotes: "\${BACKEND}"
    `,
  },
  {
    name: 'what nobody foresaw, in the words of the parser',
    yaml: text`
      state: |x
        text
    `,
    printed: text`
      app.yaml:1:9: Cannot read YAML: Block scalar header includes extra characters: |x (ERR_CONFIG_SYNTAX)
        1 | state: |x
          |         ^
        hint: Look at this line and the one above it
    `,
  },
]);
