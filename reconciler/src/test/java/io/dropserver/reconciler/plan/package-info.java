@NullMarked
package io.dropserver.reconciler.plan;

import org.jspecify.annotations.NullMarked;
