/** What crosses modules. */
@NullMarked
package io.dropserver.tests;

import org.jspecify.annotations.NullMarked;
