/** Runs the jobs of apps: requests that the host sends on a schedule. */
@NullMarked
package io.dropserver.reconciler.job;

import org.jspecify.annotations.NullMarked;
