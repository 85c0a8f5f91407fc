/** Receives webhook deliveries from forges. */
@NullMarked
package io.dropserver.web.hook;

import org.jspecify.annotations.NullMarked;
