/** Runs the packages of {@code bin/dist} in containers. */
@NullMarked
package io.dropserver.tests.containers;

import org.jspecify.annotations.NullMarked;
