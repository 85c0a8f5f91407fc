@NullMarked
package io.dropserver.schema.document;

import org.jspecify.annotations.NullMarked;
