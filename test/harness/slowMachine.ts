/**
 * How many times slower than a usual machine one may be before a test gives up. The limits that tests name are those of a usual machine; a test that
 * passes never waits for them.
 */
export const SLOW_MACHINE = 3;
