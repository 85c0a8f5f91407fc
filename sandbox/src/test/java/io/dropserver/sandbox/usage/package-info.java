@NullMarked
package io.dropserver.sandbox.usage;

import org.jspecify.annotations.NullMarked;
