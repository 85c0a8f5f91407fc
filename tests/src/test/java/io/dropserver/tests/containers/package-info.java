/** The packages of {@code bin/dist}, run for real in containers. */
@NullMarked
package io.dropserver.tests.containers;

import org.jspecify.annotations.NullMarked;
