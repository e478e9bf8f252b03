/** The scenarios of tailing and delivery: three letters and two digits, such as `ROT-05`. */
const SCENARIO = /\b[A-Z]{3}-\d\d\b/g;
/** The title of a test or of a group of tests that begins with scenarios, or its name in a table of cases. */
const TITLE = /\b(?:(?:test|describe|it|suite)(?:\.\w+)?\(|name:)\s*(['"`])((?:[A-Z]{3}-\d\d,? +)+)/g;
/** A row of the table: scenario, outcome, tests. */
const ROW = /^\| ([A-Z]{3}-\d\d) \| ([^|]*?) *\|[^|]*\|$/gm;

/** The scenarios that the titles of the tests in a file begin with. */
export function scenariosOf(text: string): Set<string> {
  const titles = [...text.matchAll(TITLE)].map((match) => match[2]!);
  return new Set(titles.flatMap((title) => title.match(SCENARIO) ?? []));
}

/** Outcomes of scenarios that need no test: they say themselves what is missing. */
const NEEDS_NO_TEST = /^(?:loses|not yet)\b/;

/**
 * Fills the last column of the table of scenarios in `page` with the tests that name each one. `scenarios`: those of
 * each test file, by its path in `test/`. The problems are for people: each says what to do.
 */
export function fillScenarioTable(
  page: string,
  scenarios: ReadonlyMap<string, ReadonlySet<string>>,
): { readonly page: string; readonly problems: string[] } {
  const problems: string[] = [];
  const inTable = new Set<string>();
  const filled = page.replace(ROW, (_row, scenario: string, outcome: string) => {
    if (inTable.has(scenario)) problems.push(`${scenario} has two rows`);
    inTable.add(scenario);
    const files = [...scenarios].filter(([, named]) => named.has(scenario)).map(([path]) => path);
    if (files.length === 0 && !NEEDS_NO_TEST.test(outcome)) {
      problems.push(
        `${scenario} has no test: no title begins with it, and its outcome is neither "loses" nor "not yet"`,
      );
    }
    if (files.length > 0 && /^not yet\b/.test(outcome))
      problems.push(`${scenario} has a test, but its outcome is "not yet"`);
    return `| ${scenario} | ${outcome} | ${files.sort().map(linkTo).join(', ')} |`;
  });
  for (const [path, named] of scenarios) {
    for (const scenario of named) if (!inTable.has(scenario)) problems.push(`${scenario} of test/${path} has no row`);
  }
  return { page: filled, problems };
}

function linkTo(path: string): string {
  return `[${path.replace(/(?:\.test)?\.ts$/, '')}](../test/${path})`;
}
