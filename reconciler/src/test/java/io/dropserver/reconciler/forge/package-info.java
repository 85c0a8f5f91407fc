@NullMarked
package io.dropserver.reconciler.forge;

import org.jspecify.annotations.NullMarked;
