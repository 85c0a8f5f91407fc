@NullMarked
package io.dropserver.reconciler.server;

import org.jspecify.annotations.NullMarked;
