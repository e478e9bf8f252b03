import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalog } from '../../src/catalog.ts';
import { checkOptions } from '../../src/component/check-options.ts';
import { checkMappings } from '../../src/mapping/check-mappings.ts';
import { HAPROXY_MAPPINGS } from '../../src/sources/haproxy-stats/mappings.ts';
import { NGINX_MAPPINGS } from '../../src/sources/nginx-status/index.ts';
import { NODE_MAPPINGS } from '../../src/sources/node-status/mappings.ts';
import { PHP_FPM_MAPPINGS } from '../../src/sources/php-fpm-status/mappings.ts';
import { REDIS_COMMAND_MAPPINGS, REDIS_MAPPINGS } from '../../src/sources/redis-info/mappings.ts';
import { KNOWN_METERS } from '../../src/sources/spring-actuator/meters.ts';

for (const [what, mappings] of Object.entries({
  nginx: NGINX_MAPPINGS,
  haproxy: HAPROXY_MAPPINGS,
  php_fpm: PHP_FPM_MAPPINGS,
  redis: [...REDIS_MAPPINGS, ...REDIS_COMMAND_MAPPINGS],
  node: NODE_MAPPINGS,
  spring: KNOWN_METERS.map(({ mapping }) => mapping),
})) {
  test(`the mappings of ${what} are what a configuration could hold, and say what they mean`, () => {
    assert.deepEqual(checkMappings(mappings, []), []);
    const described = new Set(mappings.flatMap(({ name, description }) => (description ? [name] : [])));
    assert.deepEqual(
      mappings.filter(({ name }) => !described.has(name)),
      [],
    );
  });
}

for (const type of ['nginx_status', 'haproxy_stats', 'php_fpm_status', 'redis_info', 'spring_actuator']) {
  test(`${type} needs no options`, () => {
    const definition = catalog.sources.get(type)!;
    const checked = checkOptions(definition.options, {}, []);
    assert.ok(checked.ok);
    assert.deepEqual(definition.check!(checked.options), []);
  });
}

test('a target that is none is refused with the form of its kind', () => {
  const definition = catalog.sources.get('nginx_status')!;
  const checked = checkOptions(definition.options, { targets: ['a b'] }, []);
  assert.ok(checked.ok);
  const [error] = definition.check!(checked.options);
  assert.deepEqual(
    [error!.path.join('.'), error!.hint],
    ['targets.0', 'Write it as in http://localhost:8080/nginx_status or localhost:8080, without a user and password'],
  );
});
