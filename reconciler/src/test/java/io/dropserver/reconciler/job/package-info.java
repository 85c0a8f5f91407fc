@NullMarked
package io.dropserver.reconciler.job;

import org.jspecify.annotations.NullMarked;
