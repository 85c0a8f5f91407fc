/** Which characters of untrusted text are unsafe, and how the text is shown. */
@NullMarked
package io.dropserver.schema.text;

import org.jspecify.annotations.NullMarked;
