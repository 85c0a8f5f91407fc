/** Tests of the loops. */
@NullMarked
package io.dropserver.schema.concurrent;

import org.jspecify.annotations.NullMarked;
