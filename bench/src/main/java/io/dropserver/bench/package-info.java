/**
 * Benchmarks beside peers: each scenario runs our side and its peer in the same run, alternating,
 * and prints medians, spread and the ratio. Nothing here fails on a slow machine.
 */
@NullMarked
package io.dropserver.bench;

import org.jspecify.annotations.NullMarked;
