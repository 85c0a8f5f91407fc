/** Offers new versions of apps as branches and pull requests. */
@org.jspecify.annotations.NullMarked
package io.dropserver.reconciler.update;
