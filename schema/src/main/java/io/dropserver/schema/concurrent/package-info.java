/** Loops on threads of their own. */
@NullMarked
package io.dropserver.schema.concurrent;

import org.jspecify.annotations.NullMarked;
