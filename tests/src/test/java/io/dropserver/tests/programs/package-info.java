/** Programs from npm that people have already, run unmodified. */
@NullMarked
package io.dropserver.tests.programs;

import org.jspecify.annotations.NullMarked;
