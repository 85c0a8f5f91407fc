/**
 * Benchmarks in comparison with peers. Each scenario runs Dropserver and its peer alternately in
 * the same run, and prints medians, spread and the ratio. A slow machine causes no failure.
 */
@NullMarked
package io.dropserver.bench;

import org.jspecify.annotations.NullMarked;
