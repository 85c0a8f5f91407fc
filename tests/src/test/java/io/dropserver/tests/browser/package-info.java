/** What a person sees and does, in a real browser. */
@NullMarked
package io.dropserver.tests.browser;

import org.jspecify.annotations.NullMarked;
