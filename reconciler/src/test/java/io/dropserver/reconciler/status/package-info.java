@NullMarked
package io.dropserver.reconciler.status;

import org.jspecify.annotations.NullMarked;
