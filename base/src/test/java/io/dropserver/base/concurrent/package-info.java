/** Tests of the loops. */
@NullMarked
package io.dropserver.base.concurrent;

import org.jspecify.annotations.NullMarked;
