@NullMarked
package io.dropserver.reconciler.sops;

import org.jspecify.annotations.NullMarked;
