/** Tests that use the product like a person, in a real browser. */
@NullMarked
package io.dropserver.tests.browser;

import org.jspecify.annotations.NullMarked;
