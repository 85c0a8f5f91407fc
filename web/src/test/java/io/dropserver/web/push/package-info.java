@NullMarked
package io.dropserver.web.push;

import org.jspecify.annotations.NullMarked;
