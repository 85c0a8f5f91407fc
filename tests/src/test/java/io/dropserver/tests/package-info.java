/** Tests that span several modules. */
@NullMarked
package io.dropserver.tests;

import org.jspecify.annotations.NullMarked;
