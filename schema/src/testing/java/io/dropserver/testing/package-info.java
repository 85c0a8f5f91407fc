/** Settings of JUnit and its libraries that the tests of all modules share. */
@NullMarked
package io.dropserver.testing;

import org.jspecify.annotations.NullMarked;
