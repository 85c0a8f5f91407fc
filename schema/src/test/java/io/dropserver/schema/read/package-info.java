@NullMarked
package io.dropserver.schema.read;

import org.jspecify.annotations.NullMarked;
