/** Tests of secrets. */
@NullMarked
package io.dropserver.reconciler.secret;

import org.jspecify.annotations.NullMarked;
