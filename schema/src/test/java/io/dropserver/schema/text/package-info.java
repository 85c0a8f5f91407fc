@NullMarked
package io.dropserver.schema.text;

import org.jspecify.annotations.NullMarked;
