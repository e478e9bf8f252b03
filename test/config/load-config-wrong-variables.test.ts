import { testWrongConfigs, text, withSink, withTop } from './wrong-config.ts';

// Environment variables.
testWrongConfigs([
  {
    name: 'variables that are not set, each of them',
    yaml: withSink(text`
      endpoint: http://\${HOST}:\${PORT}/\${TENANT}
      headers: { authorization: "Bearer \${TOKEN}" }
    `),
    printed: text`
      app.yaml:6:22: Environment variable "HOST" is not set and has no default (ERR_CONFIG_ENV)
        6 |     endpoint: http://\${HOST}:\${PORT}/\${TENANT}
          |                      ^
        hint: Set it, or give a default, as in "\${HOST:-default}"

      app.yaml:6:38: Environment variable "TENANT" is not set and has no default (ERR_CONFIG_ENV)
        6 |     endpoint: http://\${HOST}:\${PORT}/\${TENANT}
          |                                      ^
        hint: Set it, or give a default, as in "\${TENANT:-default}"

      app.yaml:7:39: Environment variable "TOKEN" is not set and has no default (ERR_CONFIG_ENV)
        7 |     headers: { authorization: "Bearer \${TOKEN}" }
          |                                       ^
        hint: Set it, or give a default, as in "\${TOKEN:-default}"
    `,
  },
  {
    name: 'variables that are not set, in a text of several lines',
    yaml: withSink(text`
      endpoint: >-
        http://\${BACKEND}
        \${HOST}
    `),
    printed: text`
      app.yaml:8:7: Environment variable "HOST" is not set and has no default (ERR_CONFIG_ENV)
        8 |       \${HOST}
          |       ^
        hint: Set it, or give a default, as in "\${HOST:-default}"
    `,
  },
  {
    name: 'references that cannot be read',
    yaml: withSink(text`
      endpoint: \${env:HOST}
      headers: { a: "\${}", b: "\${A:-\${B}}", c: "\${A" }
    `),
    printed: text`
      app.yaml:6:15: Cannot read "\${env:HOST}" as an environment variable (ERR_CONFIG_ENV)
        6 |     endpoint: \${env:HOST}
          |               ^
        hint: Write "\${HOST}" or "\${HOST:-default}", or "$\${" where "\${" itself is meant

      app.yaml:7:20: Cannot read "\${}" as an environment variable (ERR_CONFIG_ENV)
        7 |     headers: { a: "\${}", b: "\${A:-\${B}}", c: "\${A" }
          |                    ^
        hint: Write "\${NAME}" or "\${NAME:-default}", or "$\${" where "\${" itself is meant

      app.yaml:7:30: Cannot read "\${A:-\${B}" as an environment variable (ERR_CONFIG_ENV)
        7 |     headers: { a: "\${}", b: "\${A:-\${B}}", c: "\${A" }
          |                              ^
        hint: Write "\${NAME}" or "\${NAME:-default}", or "$\${" where "\${" itself is meant

      app.yaml:7:47: Reference to an environment variable has no "}" (ERR_CONFIG_ENV)
        7 |     headers: { a: "\${}", b: "\${A:-\${B}}", c: "\${A" }
          |                                               ^
        hint: Write "\${NAME}" or "\${NAME:-default}", or "$\${" where "\${" itself is meant
    `,
  },
  {
    name: 'a variable that holds no number',
    yaml: withSink(text`
      max_in_flight: \${BACKEND}
    `),
    printed: text`
      app.yaml:6:20: Cannot use "http://localhost:4318" for "max_in_flight": expected a whole number (ERR_CONFIG_TYPE)
        6 |     max_in_flight: \${BACKEND}
          |                    ^
    `,
  },
  {
    name: 'a variable that holds a duration without a unit',
    yaml: withSink(text`
      timeout: \${PORT}
    `),
    printed: text`
      app.yaml:6:14: Cannot use "5" for "timeout": expected a duration such as "5s" or "250ms" (ERR_CONFIG_VALUE)
        6 |     timeout: \${PORT}
          |              ^
        hint: Add a unit, as in "5s" or "5ms"
    `,
  },
  {
    name: 'a variable that holds nothing',
    yaml: withTop(text`
      state: \${EMPTY}
    `),
    printed: text`
      app.yaml:1:8: Cannot use "" for "state": expected text that is not empty (ERR_CONFIG_VALUE)
        1 | state: \${EMPTY}
          |        ^
        hint: Write it as in \`state: /var/lib/pillion\`
    `,
  },
  {
    name: 'a variable in a key, which is not filled in',
    yaml: withSink(text`
      "\${PORT}": 5
    `),
    printed: text`
      app.yaml:6:5: Unknown key "\${PORT}" (ERR_CONFIG_KEY)
        6 |     "\${PORT}": 5
          |     ^
        hint: Known keys: endpoint, logs_endpoint, protocol, compression, headers, timeout, max_in_flight, tls
    `,
  },
]);
