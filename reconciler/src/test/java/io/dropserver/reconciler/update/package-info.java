@org.jspecify.annotations.NullMarked
package io.dropserver.reconciler.update;
