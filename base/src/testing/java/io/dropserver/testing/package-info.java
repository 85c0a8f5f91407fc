/** What the tests of all modules share: settings of JUnit and its libraries, and a clock. */
@NullMarked
package io.dropserver.testing;

import org.jspecify.annotations.NullMarked;
