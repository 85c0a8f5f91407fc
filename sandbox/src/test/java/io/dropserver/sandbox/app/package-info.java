@NullMarked
package io.dropserver.sandbox.app;

import org.jspecify.annotations.NullMarked;
