/** Defines which characters of untrusted text are unsafe, and makes such text safe to show. */
@NullMarked
package io.dropserver.base.text;

import org.jspecify.annotations.NullMarked;
