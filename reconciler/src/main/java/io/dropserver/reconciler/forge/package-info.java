/** The forges that a config repository may lie on, by their REST interfaces. */
@NullMarked
package io.dropserver.reconciler.forge;

import org.jspecify.annotations.NullMarked;
