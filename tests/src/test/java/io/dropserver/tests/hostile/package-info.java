/**
 * The hostile test suite: every file under {@code tests/src/test/hostile} is an attack. Each runs
 * with all layers, and with the inner ones switched off.
 */
@NullMarked
package io.dropserver.tests.hostile;

import org.jspecify.annotations.NullMarked;
