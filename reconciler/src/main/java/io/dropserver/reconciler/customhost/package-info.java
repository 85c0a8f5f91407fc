/** Hosts of appspaces outside the instance's domain: verification, and what is known of each. */
@NullMarked
package io.dropserver.reconciler.customhost;

import org.jspecify.annotations.NullMarked;
