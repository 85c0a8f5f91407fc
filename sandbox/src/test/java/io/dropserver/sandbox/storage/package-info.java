@NullMarked
package io.dropserver.sandbox.storage;

import org.jspecify.annotations.NullMarked;
