/** Text for people: untrusted text made safe to print, and sizes. */
@NullMarked
package io.dropserver.schema.text;

import org.jspecify.annotations.NullMarked;
