/** Clients for the REST APIs of forges that host config repositories. */
@NullMarked
package io.dropserver.reconciler.forge;

import org.jspecify.annotations.NullMarked;
