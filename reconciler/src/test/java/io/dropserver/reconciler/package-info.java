@NullMarked
package io.dropserver.reconciler;

import org.jspecify.annotations.NullMarked;
