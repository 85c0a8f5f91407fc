@NullMarked
package io.dropserver.reconciler.converge;

import org.jspecify.annotations.NullMarked;
