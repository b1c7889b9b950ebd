// The official client and the Vercel AI SDK generate, edit and stream: `node clients.mjs URL KEY`.
// What they made is printed as one JSON object: bytes in base64, under the name of who made them.

import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateImage } from "ai";
import OpenAI, { toFile } from "openai";

const [url, apiKey] = process.argv.slice(2);
const baseURL = `${url}/v1`;
const model = "limner-sandbox";
const size = "64x64";
const prompt = "a fox";
const made = {};

const official = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const generated = await official.images.generate({ model, prompt, size, response_format: "b64_json" });
made["openai generates"] = generated.data[0].b64_json;
const picture = Buffer.from(generated.data[0].b64_json, "base64");
const file = () => toFile(picture, "fox.png", { type: "image/png" });
const edited = await official.images.edit({ model, prompt, size, image: await file(), response_format: "b64_json" });
made["openai edits"] = edited.data[0].b64_json;
for (const [name, stream] of [
  ["generate", await official.images.generate({ model, prompt, size, stream: true, partial_images: 1 })],
  ["edit", await official.images.edit({ model, prompt, size, image: await file(), stream: true, partial_images: 1 })],
]) {
  for await (const event of stream) made[`openai streams ${name}: ${event.type}`] = event.b64_json;
}

for (const [name, imageModel] of [
  ["ai-sdk", createOpenAI({ baseURL, apiKey }).imageModel("gpt-image-1")], // it counts on base64 without asking
  ["ai-sdk compatible", createOpenAICompatible({ name: "limner", baseURL, apiKey }).imageModel(model)],
]) {
  const common = { model: imageModel, size, maxRetries: 0 };
  made[`${name} generates`] = (await generateImage({ ...common, prompt })).image.base64;
  made[`${name} generates two`] = (await generateImage({ ...common, prompt, n: 2 })).images[1].base64;
  made[`${name} edits`] = (await generateImage({ ...common, prompt: { text: prompt, images: [picture] } })).image.base64;
}

try {
  await official.images.generate({ model, prompt: "fail:moderation_blocked" });
} catch (error) {
  made.refused = `${error.constructor.name} ${error.status} ${error.code}`;
}
console.log(JSON.stringify(made));
